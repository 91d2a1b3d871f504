/// The name of a file without its folder, for headings; "-" is standard input.
func fileName(_ path: String) -> String {
    path == "-" ? "standard input" : path.split(separator: "/").last.map(String.init) ?? path
}
