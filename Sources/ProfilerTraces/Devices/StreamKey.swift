/// A stream of a device, as the events on the stream name it.
struct StreamKey: Hashable {
    /// The process that the events are filed under. PyTorch files work of a device under the device's number; files that
    /// were merged from several ranks have a process per rank and device.
    var process: Int64
    /// The device; ``noDevice`` if the events do not name one.
    var device: Int64
    var stream: Int64

    static let noDevice = Int64.min
}

/// A device of a process. Each is a rank of its own.
struct DeviceKey: Hashable {
    var process: Int64
    var device: Int64
}

extension [StreamKey] {
    /// The device of each stream. A stream that names no device belongs to the only device of its process, else to the
    /// device with the number of the process.
    var devices: [DeviceKey] {
        let named = Set(
            filter { $0.device != StreamKey.noDevice }.map { DeviceKey(process: $0.process, device: $0.device) })
        return map { stream in
            guard stream.device == StreamKey.noDevice else {
                return DeviceKey(process: stream.process, device: stream.device)
            }
            let candidates = named.filter { $0.process == stream.process }
            return candidates.count == 1
                ? candidates[candidates.startIndex] : DeviceKey(process: stream.process, device: stream.process)
        }
    }
}
