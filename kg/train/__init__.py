"""Training of the shipped model: data sets, network, loop, export."""
