import ExpertBalancing

/// The files that engines load.
extension BalanceReport {
    func text(for engine: Engine) throws -> String {
        try engine.check(placement)
        return switch engine {
        case .sglang: sglang
        case .tensorrt: tensorRT
        case .vllm: vllm
        case .ascend: ascend
        }
    }

    /// The layers that have load. Files of MoE layers omit all others, such as dense layers.
    private var loadedLayers: [Int] {
        (0..<placement.layerCount).filter { layer in workloads.contains { $0.total(ofLayer: layer) > 0 } }
    }

    /// The map from slots to experts alone, because SGLang accepts no other key.
    private var sglang: String {
        let rows = (0..<placement.layerCount).map { Array(placement.experts(ofLayer: $0)) }
        return (["physical_to_logical_map": rows] as JSONObject).text
    }

    /// The load-balancer file of TensorRT-LLM, which names the layers of the model.
    private var tensorRT: String {
        let rows = loadedLayers.map { "  \($0): \(Array(placement.experts(ofLayer: $0)))\n" }.joined()
        return "num_slots: \(placement.slotCount)\ninitial_global_assignments:\n\(rows)layer_updates_per_iter: 0\n"
    }

    /// The list of vLLM's `initial_expert_map_path`: one row of slots per MoE layer.
    private var vllm: String {
        "[\n" + loadedLayers.map { "\(Array(placement.experts(ofLayer: $0)))" }.joined(separator: ",\n") + "\n]\n"
    }

    /// The expert map of Ascend's engines, which count the MoE layers from 0.
    private var ascend: String {
        let layers = loadedLayers.enumerated().map { index, layer -> JSONObject in
            let slots = Array(placement.experts(ofLayer: layer))
            let devices = (0..<placement.deviceCount).map { device -> JSONObject in
                ["device_id": device, "device_expert": Array(slots[placement.slots(ofDevice: device)])]
            }
            return ["layer_id": index, "device_count": placement.deviceCount, "device_list": devices]
        }
        return (["moe_layer_count": layers.count, "layer_list": layers] as JSONObject).text
    }
}
