/// The part of a file that a trace is, if the file holds several devices or processes.
public struct DevicePart: Hashable, Sendable {
    /// The process, by number or name; nil if the file has one process.
    public var process: String?
    /// The number of the device.
    public var device: Int

    /// The name of the part, such as `device 1` or `process 4711, device 0`.
    public var name: String { (process.map { "process \($0), " } ?? "") + "device \(device)" }
}
