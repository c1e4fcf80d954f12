"""What every picture shares: text that fits its room, and PNG and PDF made of SVG; knows no picture."""
