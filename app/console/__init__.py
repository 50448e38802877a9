"""The demo page and the page of the API documentation: files, and the routes that serve them."""
