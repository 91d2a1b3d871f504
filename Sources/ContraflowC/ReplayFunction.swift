import ExpertBalancing

/// Replays a stream of loads. See `contraflow.h`.
@_cdecl("contraflow_balance_replay")
public func contraflowBalanceReplay(
    _ loads: UnsafePointer<Double>, _ windows: Int64, _ layers: Int64, _ experts: Int64,
    _ slotsPerDevice: UnsafePointer<Int64>, _ speeds: UnsafePointer<Double>?, _ devices: Int64, _ nodes: Int64,
    _ forecast: UnsafePointer<CChar>?, _ cadence: Int64, _ maxCopies: Int64, _ caution: Double, _ significance: Double,
    _ isSplit: Int32, _ balances: UnsafeMutablePointer<Double>, _ oracleBalances: UnsafeMutablePointer<Double>?,
    _ foresightBalances: UnsafeMutablePointer<Double>?, _ copies: UnsafeMutablePointer<Int64>?,
    _ count: UnsafeMutablePointer<Int64>, _ message: UnsafeMutablePointer<CChar>?, _ messageSize: Int64
) -> Int32 {
    CallStatus.of(message, messageSize) {
        let world = try DeviceTable.read(slotsPerDevice, speeds, devices, nodes)
        guard windows > 0, windows <= 1 << 20, cadence > 0, cadence <= 1 << 20 else {
            throw CallError("windows is \(windows) and cadence is \(cadence): give 1 to 1048576 of each")
        }
        guard caution >= 0, caution <= 100, significance >= 0, significance <= 1e6 else {
            throw CallError(
                "caution is \(caution) and significance is \(significance): give 0 to 100, and 0 to 1000000")
        }
        let name = forecast.map { String(cString: $0) } ?? ""
        let named = Forecast(name)
        guard named != nil || name.isEmpty else {
            throw CallError(
                "there is no forecast '\(name.prefix(40))': give last, mean-N, exponential-D or trend-N, such as mean-4"
            )
        }
        let tables = try (0..<Int(windows)).map { window in
            try LoadTable.read(loads + window * Int(layers) * Int(experts), layers, experts)
        }
        let options = LoadReplay.Options(
            forecast: named, cadence: Int(cadence), maxCopies: maxCopies < 0 ? nil : Int(maxCopies), caution: caution,
            noise: significance > 0 ? NoiseRule(significance: significance) : nil,
            sharing: isSplit != 0 ? .best : .equal)
        let replay = try LoadReplay(LoadStream(tables), world: world, options: options)
        for (index, window) in replay.windows.enumerated() {
            balances[index] = window.balance
            oracleBalances?[index] = window.oracle
            foresightBalances?[index] = window.foresight
            copies?[index] = Int64(window.copies)
        }
        count.pointee = Int64(replay.windows.count)
    }
}
