import CLinux

/// What a descriptor is watched for, and what it became ready for.
public struct ReadyEvents: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    private init(_ event: EPOLL_EVENTS) { rawValue = event.rawValue }

    public static let readable = Self(EPOLLIN)
    public static let writable = Self(EPOLLOUT)
    /// The peer has closed its sending side; what it sent before may still be read.
    public static let peerClosed = Self(EPOLLRDHUP)
    /// Always watched for.
    public static let hangUp = Self(EPOLLHUP)
    /// Always watched for.
    public static let error = Self(EPOLLERR)
    /// Tells of a change once: the handler must read or write until the kernel refuses.
    public static let edgeTriggered = Self(EPOLLET)
}

/// Something that lives on a loop and minds a descriptor there.
public protocol DescriptorHandler: AnyObject {
    func ready(_ events: ReadyEvents, on loop: isolated EventLoop)
}
