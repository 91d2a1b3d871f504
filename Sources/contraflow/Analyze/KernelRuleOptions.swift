import ArgumentParser
import ProfilerTraces

/// The rules by which kernels are classified.
struct KernelRuleOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Count kernels that match as communication.", valueName: "regex"))
    var communication: [String] = []

    @Option(
        help: ArgumentHelp(
            "Lines of a class (compute, communication, memory or wait) and a regular expression.", valueName: "file"))
    var rules: String?

    @Flag(help: "Print the rules by which kernels are classified, and what each kernel of the traces is.")
    var explainRules = false

    /// Whether the options leave the rules as they are.
    var isEmpty: Bool { communication.isEmpty && rules == nil && !explainRules }

    func validate() throws {
        for expression in communication {
            do {
                _ = try KernelExpression(expression)
            } catch {
                throw ValidationError("--communication: \(error)")
            }
        }
    }

    func kernelRules() throws -> KernelRules {
        var result = KernelRules()
        if let rules {
            do {
                try result.add(file: String(decoding: try readFile(rules), as: UTF8.self))
            } catch let error as KernelRuleError {
                throw CommandError("\(rules): \(error)")
            }
        }
        for expression in communication.reversed() { try result.addCommunication(matching: expression) }
        return result
    }
}
