using System.Text.Json.Nodes;
using Governance.Intake.Reading;
using Microsoft.Extensions.Time.Testing;

namespace Governance.Intake.Tests.Requests;

/// <summary>Good messages, damaged at random with a fixed seed: what is taken all the same must be what it says.</summary>
internal sealed class Damage(Func<JsonObject>[] good, Func<MessageParser, byte[], bool> judge)
{
    private const int Seed = 20261123;

    private readonly MessageParser _parser = new(new FakeTimeProvider(Sample.Now));

    /// <returns>How many were taken: too few, and the damage was too wild to reach the checks behind the JSON parser.</returns>
    public int ToBytes(int times) =>
        Count(
            times,
            (message, random) =>
            {
                var body = Sample.Bytes(message);
                for (var n = random.Next(1, 6); n > 0; n--)
                {
                    body = Mutations.OfBytes(body, random);
                }

                return body;
            }
        );

    /// <inheritdoc cref="ToBytes"/>
    public int ToMembers(int times) =>
        Count(
            times,
            (message, random) =>
            {
                for (var n = random.Next(1, 4); n > 0; n--)
                {
                    Mutations.OfMembers(message, random);
                }

                return Sample.Bytes(message);
            }
        );

    private int Count(int times, Func<JsonObject, Random, byte[]> damage)
    {
        var random = new Random(Seed);
        return Enumerable.Range(0, times).Count(i => judge(_parser, damage(good[i % good.Length](), random)));
    }
}
