"""Two plans side by side: what changes for regions, for vehicles, for the places where goods are loaded."""
