"""What lies behind a picture: land, water, borders and towns, read from GeoJSON files beside the tables."""
