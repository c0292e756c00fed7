"""What people look at: scenes, Folium maps, tiles, screens."""
