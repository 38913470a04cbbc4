"""What people carry, sign and are told: papers as data, set as PDF from templates, and messages."""
