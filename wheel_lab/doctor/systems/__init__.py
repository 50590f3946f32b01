"""What is one system's own: macOS, Windows, Android, iOS; asked by the families of the promise and the import."""
