"""The methods of the Web API, a file per family. A method is a function of a Call and a line in METHODS."""
