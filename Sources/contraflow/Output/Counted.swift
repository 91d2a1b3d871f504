/// Returns a count with its noun in the right number, such as `1 rank` or `2 ranks`.
///
/// - Parameter plural: The plural of the noun; nil for the noun with an s.
func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
}
