using Governance.Intake.Reading;

namespace Governance.Intake.Http;

internal static class BodyReader
{
    /// <summary>The whole body, or null when it is longer than allowed: the rest is not read then.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > Limits.BodyBytes)
        {
            return null;
        }

        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0)
        {
            if (body.Length + read > Limits.BodyBytes)
            {
                return null;
            }

            await body.WriteAsync(buffer.AsMemory(0, read));
        }

        return body.ToArray();
    }
}
