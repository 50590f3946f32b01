"""Here so that pytest puts this folder on the path: the tests in the folders below use hostile_zip.py, too."""
