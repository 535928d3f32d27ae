"""News articles to a knowledge graph with the evidence for every fact."""
