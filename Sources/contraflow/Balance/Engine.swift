import ExpertBalancing

/// An engine that loads a placement from a file of its own format.
enum Engine: String {
    case sglang, tensorrt, vllm, ascend

    private var name: String {
        switch self {
        case .sglang: "SGLang"
        case .tensorrt: "TensorRT-LLM"
        case .vllm: "vLLM"
        case .ascend: "vLLM Ascend"
        }
    }

    /// Refuses devices that the engine does not support: all engines load the same number of experts on every device.
    func check(_ options: WorldOptions, expertCount: Int) throws {
        guard options.failed.isEmpty else {
            throw CommandError(
                "--failed leaves devices without experts, but \(name) needs experts on every device: omit --failed, and "
                    + "give --gpus without the failed devices")
        }
        let slots = try options.world().slotsPerDevice
        let sizes = Set(slots).sorted().map(String.init)
        guard sizes.count > 1 else { return }
        let (total, devices) = (slots.reduce(0, +), slots.count)
        let next = (max(total, expertCount) + devices - 1) / devices * devices
        throw CommandError(
            "\(total) slots on \(devices) devices make \(sizes.joined(separator: " or ")) per device, but \(name) needs the "
                + "same number on every device: give --replicas \(next) "
                + "(\(counted(next - expertCount, "redundant expert")))")
    }

    /// Refuses a placement that the engine does not support.
    func check(_ placement: Placement) throws {
        if self == .ascend, placement.duplicateCount > 0 {
            throw CommandError(
                "\(counted(placement.duplicateCount, "slot")) repeat an expert of their device, which \(name) cannot load: "
                    + "use --policy optimal")
        }
    }
}
