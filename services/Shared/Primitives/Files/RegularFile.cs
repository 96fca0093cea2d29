using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Governance.Files;

/// <summary>
/// Reads a file that somebody else may have put there. The runtime's own calls wait for ever for a FIFO's writer and don't tell a device
/// from a file, so on Linux the system is asked itself.
/// </summary>
internal static class RegularFile
{
    /// <exception cref="IOException">It is no regular file, too long, or can't be read; the message says which, without the path.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] Read(string path, int limit)
    {
        if (!OperatingSystem.IsLinux())
        {
            // Whatever has no length is not opened: it may never end.
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            if (Bounded(new FileInfo(target).Length, limit) == 0)
            {
                return [];
            }

            using var known = File.OpenHandle(target);
            return ReadAll(known, limit);
        }

        // Looked at before it is opened, since opening a device can do something, and again, since it may be another by now.
        Check(Linux.AtWorkingDirectory, path, 0, limit);
        using var handle = Linux.Open(path);
        Check((int)handle.DangerousGetHandle(), "", Linux.OfDescriptor, limit);
        return ReadAll(handle, limit);
    }

    private static byte[] ReadAll(SafeFileHandle handle, int limit)
    {
        using var content = new MemoryStream();
        var buffer = new byte[81_920];
        while (RandomAccess.Read(handle, buffer, content.Length) is > 0 and var read)
        {
            Bounded(content.Length + read, limit);
            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    private static void Check(int directory, string path, int flags, int limit)
    {
        var (type, length) = Linux.Status(directory, path, flags);
        if (type != Linux.Regular)
        {
            throw new IOException($"it is {Linux.NameOf(type)}, and no file: put a file in its place, or remove it");
        }

        Bounded(length, limit);
    }

    private static long Bounded(long length, int limit) =>
        length <= limit
            ? length
            : throw new IOException(
                string.Create(CultureInfo.InvariantCulture, $"it is longer than {limit} bytes: split it, or look what was put there")
            );

    private static class Linux
    {
        public const int AtWorkingDirectory = -100;
        public const int OfDescriptor = 0x1000;
        public const int Regular = 0x8000;
        private const int TypeMask = 0xF000;
        private const uint BasicStatus = 0x7FF;

        // Without O_NONBLOCK the opening of a FIFO waits for its writer.
        private const int ReadOnlyNonBlockingCloseOnExec = 0x800 | 0x80000;

        public static SafeFileHandle Open(string path)
        {
            var descriptor = open(Terminated(path), ReadOnlyNonBlockingCloseOnExec);
            return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure();
        }

        // statx has the same layout on every architecture.
        public static (int Type, long Length) Status(int directory, string path, int flags)
        {
            var status = new byte[256];
            return statx(directory, Terminated(path), flags, BasicStatus, status) == 0
                ? (BitConverter.ToUInt16(status, 28) & TypeMask, BitConverter.ToInt64(status, 40))
                : throw Failure();
        }

        public static string NameOf(int type) =>
            type switch
            {
                0x1000 => "a FIFO",
                0x2000 or 0x6000 => "a device",
                0x4000 => "a directory",
                0xC000 => "a socket",
                _ => "something else",
            };

        private static byte[] Terminated(string path) => Encoding.UTF8.GetBytes(path + '\0');

        private static IOException Failure() => new(Marshal.GetLastPInvokeErrorMessage());

        [DllImport("libc", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int open(byte[] path, int flags);

        [DllImport("libc", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int statx(int directory, byte[] path, int flags, uint mask, byte[] status);
    }
}
