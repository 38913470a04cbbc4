"""What people carry and sign: papers as data, set as PDF from templates."""
