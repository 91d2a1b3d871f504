extension Int {
    /// Returns the number with its noun, for messages: `1 slot`, `2 slots`.
    func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
