using System.Security.Cryptography;
using Wasmtime;
using Module = Wasmtime.Module;

namespace Governance.Cedar;

/// <summary>
/// Gets the engine's machine code: from a file that an earlier start left, else by compiling, which takes seconds. The file is named by
/// everything the code depends on and starts with its own SHA-256, so that a half-written one is never run.
/// </summary>
internal static class CompiledModule
{
    private const string ModuleName = "cedar";

    public static (Module Module, string Digest) Load(Engine engine, string wasmPath, string? cacheDirectory)
    {
        var wasm = File.ReadAllBytes(wasmPath);
        var digest = Convert.ToHexStringLower(SHA256.HashData(wasm));
        var cacheFile = CacheFile(cacheDirectory ?? Path.GetDirectoryName(Path.GetFullPath(wasmPath))!, digest);

        if (cacheFile is not null && TryRead(engine, cacheFile) is { } cached)
        {
            return (cached, digest);
        }

        var module = Module.FromBytes(engine, ModuleName, wasm);
        if (cacheFile is not null)
        {
            TryWrite(cacheFile, module.Serialize());
        }

        return (module, digest);
    }

    private static string? CacheFile(string directory, string digest)
    {
        if (!IsPrivate(directory))
        {
            return null;
        }

        var wasmtime = typeof(Module).Assembly.GetName().Version;
        var platform = $"{Environment.OSVersion.Platform}-{System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture}";
        return Path.Combine(directory, $"cedar-{digest[..16]}-wasmtime-{wasmtime}-{platform}.cwasm".ToLowerInvariant());
    }

    private static bool IsPrivate(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            return OperatingSystem.IsWindows()
                || (File.GetUnixFileMode(directory) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == UnixFileMode.None;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static Module? TryRead(Engine engine, string file)
    {
        try
        {
            ReadOnlySpan<byte> content = File.ReadAllBytes(file);
            return
                content.Length > SHA256.HashSizeInBytes
                && SHA256.HashData(content[SHA256.HashSizeInBytes..]).AsSpan().SequenceEqual(content[..SHA256.HashSizeInBytes])
                ? Module.Deserialize(engine, ModuleName, content[SHA256.HashSizeInBytes..])
                : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or WasmtimeException)
        {
            // Missing, or made for another processor: compiling is always right, only slower.
            return null;
        }
    }

    private static void TryWrite(string file, byte[] code)
    {
        var partial = $"{file}.{Environment.ProcessId}-{Path.GetRandomFileName()}";
        try
        {
            using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(SHA256.HashData(code));
                stream.Write(code);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, file, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            TryDelete(partial);
        }
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Nothing was written in the first place.
        }
    }
}
