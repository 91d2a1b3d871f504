import Timelines

extension KernelRules {
    /// The built-in rules. The names come from the sources of the libraries that the kernels belong to.
    static let builtIn: [KernelRule] = copies + localWork + expertParallel + collectives + custom

    /// The rules of copies. Copies between devices use the links that collectives use; all other copies are within one
    /// device or between a device and its host.
    private static let copies = [
        KernelRule(.copy(containing: ["PtoP", "PeerToPeer"]), communication("peer copy")),
        KernelRule(.copy(containing: []), KernelKind(activity: .memory)),
        KernelRule(
            .prefix(["Memcpy", "Memset", "CopyDeviceToDevice", "CopyHostToDevice", "CopyDeviceToHost"]),
            KernelKind(activity: .memory)),
    ]

    static func communication(_ family: String, role: KernelRole = .work) -> KernelKind {
        KernelKind(activity: .communication, role: role, family: family)
    }
}
