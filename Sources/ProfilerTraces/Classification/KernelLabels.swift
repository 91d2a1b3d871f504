/// Labels that tell the kernels of a list apart: short names, with arguments if several kernels share a short name.
package struct KernelLabels {
    private let uses: [String: Int]

    /// Creates the labels of `kernels`.
    package init(_ kernels: [KernelUse]) {
        uses = Dictionary(grouping: kernels) { shortKernelName($0.name) }.mapValues(\.count)
    }

    /// Returns the arguments that tell a kernel from others with its short name; nil if there are no others.
    package func arguments(_ kernel: KernelUse) -> String? {
        uses[shortKernelName(kernel.name)] == 1 ? nil : kernelArguments(kernel.name)
    }

    /// Returns a label of at most 70 characters: the end of a short name, or the beginning of a name with arguments.
    package func text(_ kernel: KernelUse) -> String {
        let short = shortKernelName(kernel.name)
        return arguments(kernel).map { String((short + $0).prefix(70)) } ?? String(short.suffix(70))
    }
}
