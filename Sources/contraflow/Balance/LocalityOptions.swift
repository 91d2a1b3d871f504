import ArgumentParser

/// The load that may leave its group's home node.
struct LocalityOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            With --groups: the part of the load, 0 to 1, that may be served on another node than its group's, for more \
            balance. 0 keeps groups together, as without it.
            """, valueName: "part"))
    var maxRemote: Double?

    func validate() throws {
        if let maxRemote, !(maxRemote >= 0 && maxRemote <= 1) {
            throw ValidationError("--max-remote is \(maxRemote): give 0 to 1")
        }
    }
}
