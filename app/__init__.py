"""ads-bff: a backend-for-frontend gateway for an ads platform."""
