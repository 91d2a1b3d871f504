import ArgumentParser

/// The memory limits that schedules must fit.
struct MemoryLimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Maximum activations of a rank, in micro-batches of its share.", valueName: "micro-batches"))
    var memory: Double?

    @Option(
        help: ArgumentHelp("Maximum memory of a rank; needs --activation-memory.", valueName: "GB"))
    var deviceMemory: Double?

    /// The options that were given.
    var given: [String] { (memory == nil ? [] : ["--memory"]) + (deviceMemory == nil ? [] : ["--device-memory"]) }

    func validate() throws {
        if let memory, !(memory > 0 && memory <= 1e9) {
            throw ValidationError("--memory is \(memory): give a number of micro-batches above 0, at most 1e9")
        }
        if let deviceMemory, !(deviceMemory > 0 && deviceMemory <= 1e6) {
            throw ValidationError("--device-memory is \(deviceMemory): give a number of GB above 0, at most 1e6")
        }
    }
}
