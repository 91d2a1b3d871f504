import Foundation
import TrainingRecipes

/// An IPv4 or IPv6 address with a port.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    private var family: Int32 { Int32(storage.ss_family) }

    /// Returns the addresses of a host name, IPv4 first. Without a name, returns the wildcard addresses on which a
    /// server accepts connections at all addresses of this machine: that of IPv4, then that of IPv6, which serves both
    /// families. `origin` names the source of the host in messages.
    static func resolve(_ host: String?, port: Int, origin: String) throws(RendezvousError) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            var address = SocketAddress()
            address.length = entry.ai_addrlen
            withUnsafeMutableBytes(of: &address.storage) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen)))
            }
            addresses.append(address)
            next = entry.ai_next
        }
        guard status == 0, !addresses.isEmpty else {
            throw RendezvousError(
                "\(origin) is '\(host ?? "")': \(String(cString: gai_strerror(status))): set MASTER_ADDR to the name or "
                    + "address of rank 0's host")
        }
        return addresses.filter { $0.family == AF_INET } + addresses.filter { $0.family != AF_INET }
    }

    /// Whether the address is loopback, 127.0.0.0/8 or ::1, which only this machine can reach.
    var isLoopback: Bool { text.hasPrefix("127.") || text == "::1" }

    /// The numeric form of the address, without the port; empty if the system cannot format it.
    var text: String {
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status = withPointer { getnameinfo($0, length, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) }
        return status == 0 ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
    }

    /// Opens a socket that listens at the address. Returns the socket, or the system's error number.
    func listen() -> Result<Int32, SocketError> {
        let socket = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return .failure(SocketError(code: errno)) }
        var (yes, no): (Int32, Int32) = (1, 0)
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        if family == AF_INET6 { setsockopt(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &no, size) }
        guard withPointer({ bind(socket, $0, length) }) == 0, Glibc.listen(socket, SOMAXCONN) == 0 else {
            let code = errno
            close(socket)
            return .failure(SocketError(code: code))
        }
        return .success(socket)
    }

    /// Connects to the address and closes the connection.
    ///
    /// - Returns: The local address of the connection; nil if no connection is established within `milliseconds`.
    func connectedFrom(milliseconds: Int32) -> String? {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let socket = socket(family, kind, 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        if withPointer({ connect(socket, $0, length) }) != 0 {
            guard errno == EINPROGRESS else { return nil }
            var waiting = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
            var failure: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            guard poll(&waiting, 1, milliseconds) == 1, getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &size) == 0,
                failure == 0
            else { return nil }
        }
        var own = SocketAddress()
        var size = own.length
        let status = withUnsafeMutableBytes(of: &own.storage) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { getsockname(socket, $0.baseAddress, &size) }
        }
        own.length = size
        return status == 0 ? own.text : nil
    }

    private func withPointer<Value>(_ body: (UnsafePointer<sockaddr>?) -> Value) -> Value {
        withUnsafeBytes(of: storage) { bytes in bytes.withMemoryRebound(to: sockaddr.self) { body($0.baseAddress) } }
    }
}

/// A failed system call on a socket.
struct SocketError: Error {
    /// The value of `errno`.
    let code: Int32
}
