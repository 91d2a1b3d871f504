import ArgumentParser
import ProfilerTraces

/// The options that change how kernels are classified.
struct KernelRuleOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Count kernels that match the expression as communication.", valueName: "regex"))
    var communication: [String] = []

    @Option(
        help: ArgumentHelp(
            "A file of lines with a class (compute, communication, memory or wait) and a regular expression.",
            valueName: "file"))
    var rules: String?

    @Flag(help: "Print the classification rules and the class of each kernel in the traces.")
    var explainRules = false

    /// Whether none of the options is given.
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

    /// The given expressions that classify no kernel of the traces.
    func withoutEffect(_ rules: KernelRules, on traces: [RankTrace]) -> [String] {
        let families = Set(traces.flatMap { $0.kinds.map(\.family) })
        let expressions = rules.rules.prefix { if case .expression = $0.match { true } else { false } }
        return expressions.map(\.kind.family).filter { !families.contains($0) }
    }

    func kernelRules() throws -> KernelRules {
        var result = KernelRules()
        if let rules {
            do {
                try result.add(file: String(decoding: try readInput(rules, limit: 1 << 20), as: UTF8.self))
            } catch let error as KernelRuleError {
                throw CommandError("\(rules): \(error)")
            }
        }
        for expression in communication.reversed() { try result.addCommunication(matching: expression) }
        return result
    }
}
