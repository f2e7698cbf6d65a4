"""Places on the earth: distances, the projection of maps, coastlines and borders."""
