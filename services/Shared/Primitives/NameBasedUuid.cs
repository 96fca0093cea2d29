using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Governance;

/// <summary>Name-based UUIDs, version 5 (RFC 9562 §5.5): the same namespace and name always give the same id.</summary>
public static class NameBasedUuid
{
    /// <summary>Namespace of everything this suite names. Fixed for ever: ids of grants and ledgers are derived from it.</summary>
    public static readonly Guid GovernanceNamespace = new("8c9f1d3e-5f0a-5d57-9a53-6d0f2c1b7a10");

    /// <summary>The id of the grant that a request asks for: UUIDv5 of the CloudEvent's <c>source</c>, a line feed and its <c>id</c>.</summary>
    /// <remarks>A request can't make two grants, even when the record of received requests was restored from a backup.</remarks>
    public static Guid ForRequest(string source, string id) => Create(GovernanceNamespace, source + "\n" + id);

    /// <summary>The id of the grant of a request whose publisher is not trusted for its source: nobody else's request has it, whoever it claims to be from.</summary>
    /// <remarks>No source and no id has a line feed in it, so none of these is one of <see cref="ForRequest(string, string)"/>.</remarks>
    /// <param name="source">The CloudEvent's source.</param>
    /// <param name="id">The CloudEvent's id.</param>
    /// <param name="publisher">Who was verified to have sent it; null for nobody.</param>
    public static Guid ForRequest(string source, string id, string? publisher) =>
        Create(GovernanceNamespace, source + "\n" + id + "\n" + (publisher is null ? "unproven" : "verified " + publisher));

    /// <summary>The stream id of a principal's ledger.</summary>
    public static Guid ForPrincipal(string principalId) => Create(GovernanceNamespace, "principal\n" + principalId);

    /// <summary>The id of the <paramref name="ordinal"/>th message of a type that a committed event yields.</summary>
    public static Guid ForMessage(Guid eventId, string messageType, int ordinal) =>
        Create(eventId, messageType + "\n" + ordinal.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>UUIDv5 of a name (as UTF-8) within a namespace.</summary>
    public static Guid Create(Guid @namespace, string name)
    {
        var length = Encoding.UTF8.GetByteCount(name);
        var input = new byte[16 + length];
        @namespace.TryWriteBytes(input, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, input.AsSpan(16));

        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 9562 §5.5 prescribes SHA-1; the id is a name, not a proof.
        SHA1.HashData(input, hash);
#pragma warning restore CA5350
        var version = (ushort)((BinaryPrimitives.ReadUInt16BigEndian(hash[6..]) & 0x0FFF) | 0x5000);
        BinaryPrimitives.WriteUInt16BigEndian(hash[6..], version);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
