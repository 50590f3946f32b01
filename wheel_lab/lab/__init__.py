"""What belongs to this repository: where its folders are, its set-up, its workbench, and what it has on record."""
