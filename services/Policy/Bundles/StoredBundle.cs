namespace Governance.Policy.Bundles;

/// <summary>A bundle that is kept.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="Schema">Digest of its schema.</param>
/// <param name="StoredAt">When it was first stored.</param>
/// <param name="Activations">When it was made the one to be in force, oldest first.</param>
internal sealed record StoredBundle(string Digest, string Schema, DateTimeOffset StoredAt, IReadOnlyList<BundleActivation> Activations);

/// <summary>One activation.</summary>
/// <param name="Number">Counted over all bundles: the highest is in force.</param>
/// <param name="At">When.</param>
internal sealed record BundleActivation(long Number, DateTimeOffset At);
