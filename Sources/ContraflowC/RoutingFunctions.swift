import ExpertBalancing

/// Computes the best split of a layer's tokens among replicas. See `contraflow.h`.
@_cdecl("contraflow_split_tokens")
public func contraflowSplitTokens(
    _ slots: UnsafePointer<Int64>, _ slotsPerDevice: UnsafePointer<Int64>, _ devices: Int64,
    _ loads: UnsafePointer<Double>, _ experts: Int64, _ speeds: UnsafePointer<Double>?, _ isWhole: Int32,
    _ tokens: UnsafeMutablePointer<Double>, _ longestTime: UnsafeMutablePointer<Double>?,
    _ message: UnsafeMutablePointer<CChar>?, _ messageSize: Int64
) -> Int32 {
    CallStatus.of(message, messageSize) {
        let placement = try SlotTable.read(slots, slotsPerDevice, devices, experts)
        let split = try TokenSplit(
            placement, layer: 0, loads: try LoadTable.read(loads, 1, experts).values,
            speeds: speeds.map { Array(UnsafeBufferPointer(start: $0, count: Int(devices))) }, isWhole: isWhole != 0)
        for (slot, count) in split.tokensOfSlot.enumerated() { tokens[slot] = count }
        longestTime?.pointee = split.longestTime
    }
}

/// Computes the split that sends the fewest tokens to other nodes. See `contraflow.h`.
@_cdecl("contraflow_split_tokens_locally")
public func contraflowSplitTokensLocally(
    _ slots: UnsafePointer<Int64>, _ slotsPerDevice: UnsafePointer<Int64>, _ devices: Int64, _ nodes: Int64,
    _ loads: UnsafePointer<Double>, _ experts: Int64, _ speeds: UnsafePointer<Double>?, _ slack: Double,
    _ tokens: UnsafeMutablePointer<Double>, _ longestTime: UnsafeMutablePointer<Double>?,
    _ localShare: UnsafeMutablePointer<Double>?, _ message: UnsafeMutablePointer<CChar>?, _ messageSize: Int64
) -> Int32 {
    CallStatus.of(message, messageSize) {
        let placement = try SlotTable.read(slots, slotsPerDevice, devices, experts)
        guard nodes > 0, nodes <= devices else {
            throw CallError("nodes is \(nodes) and devices is \(devices): give 1 to \(devices) nodes")
        }
        let split = try LocalTokenSplit(
            placement, layer: 0, loads: try LoadTable.read(loads, nodes, experts).values, nodeCount: Int(nodes),
            speeds: speeds.map { Array(UnsafeBufferPointer(start: $0, count: Int(devices))) }, slack: slack)
        for (index, count) in split.tokens.enumerated() { tokens[index] = count }
        longestTime?.pointee = split.longestTime
        localShare?.pointee = split.localShare
    }
}
