package app

// Version of the program; FyneApp.toml has the same.
const Version = "0.1.0"
