"""The desk's page at a moment: figures, preparation, problems, what changed; its forms say the same."""
