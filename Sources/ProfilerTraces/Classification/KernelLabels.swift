/// Labels of kernels among others: short names, with arguments if several kernels were made from one template.
package struct KernelLabels {
    private let uses: [String: Int]

    /// Labels among `kernels`.
    package init(_ kernels: [KernelUse]) {
        uses = Dictionary(grouping: kernels) { shortKernelName($0.name) }.mapValues(\.count)
    }

    /// The arguments that tell a kernel from others with its short name; nil if there are none.
    package func arguments(_ kernel: KernelUse) -> String? {
        uses[shortKernelName(kernel.name)] == 1 ? nil : kernelArguments(kernel.name)
    }

    /// A label of at most 70 characters: the end of a short name, or the beginning of one with arguments.
    package func text(_ kernel: KernelUse) -> String {
        let short = shortKernelName(kernel.name)
        return arguments(kernel).map { String((short + $0).prefix(70)) } ?? String(short.suffix(70))
    }
}
