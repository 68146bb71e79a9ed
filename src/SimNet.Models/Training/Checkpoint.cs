using System.Collections.Immutable;
using System.Text.Json;

namespace SimNet.Models;

/// <summary>
/// The state of a run between two epochs, stored as safetensors. Tensor names have the prefix <c>weights.</c>, <c>optimizer.</c>,
/// <c>average.</c> (if the run averages weights), or <c>best.</c> (if it keeps the best weights). The metadata holds the history and the
/// settings of the run.
/// </summary>
internal sealed record Checkpoint(
    StateDict Weights,
    StateDict OptimizerState,
    StateDict? Average,
    StateDict? Best,
    ImmutableArray<EpochRecord> History,
    ImmutableSortedDictionary<string, string> Settings)
{
    private const string FormatKey = Model.ReservedPrefix + "format";
    private const string HistoryKey = Model.ReservedPrefix + "history";
    private const string SettingPrefix = Model.ReservedPrefix + "run.";
    private const string FormatVersion = "checkpoint 1";
    private const string WeightPrefix = "weights.";
    private const string OptimizerPrefix = "optimizer.";
    private const string AveragePrefix = "average.";
    private const string BestPrefix = "best.";

    private static readonly string[] Prefixes = [WeightPrefix, OptimizerPrefix, AveragePrefix, BestPrefix];

    public void Save(string path)
    {
        (string Prefix, StateDict? Tensors)[] parts =
            [(WeightPrefix, Weights), (OptimizerPrefix, OptimizerState), (AveragePrefix, Average), (BestPrefix, Best)];
        var tensors = parts.SelectMany(
            part => part.Tensors is null ? [] : part.Tensors.Select(t => KeyValuePair.Create(part.Prefix + t.Key, t.Value)));
        var metadata = Settings.ToDictionary(s => SettingPrefix + s.Key, s => s.Value);
        metadata[FormatKey] = FormatVersion;
        metadata[HistoryKey] = JsonSerializer.Serialize([.. History], CheckpointJsonContext.Default.EpochRecordArray);
        SafetensorsFile.Write(path, new StateDict(tensors), metadata);
    }

    /// <exception cref="ModelFormatException">The file is damaged or is not a checkpoint.</exception>
    public static Checkpoint Load(string path, SafetensorsOptions limits, CancellationToken cancellationToken)
    {
        SafetensorsContent content = SafetensorsFile.Read(path, limits, cancellationToken);
        string? format = content.Metadata.GetValueOrDefault(FormatKey);
        if (format != FormatVersion || !content.Metadata.TryGetValue(HistoryKey, out string? json))
        {
            throw new ModelFormatException($"'{FormatKey}' is '{format}'; expected '{FormatVersion}' and '{HistoryKey}'", path);
        }

        string? unknown = content.Tensors.Keys.FirstOrDefault(
            name => !Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
        if (unknown is not null)
        {
            throw new ModelFormatException($"tensor '{unknown}' does not belong to a checkpoint", path);
        }

        return new Checkpoint(
            Part(content.Tensors, WeightPrefix),
            Part(content.Tensors, OptimizerPrefix),
            Part(content.Tensors, AveragePrefix) is { Count: > 0 } average ? average : null,
            Part(content.Tensors, BestPrefix) is { Count: > 0 } best ? best : null,
            ReadHistory(json, path),
            content.Metadata.Where(e => e.Key.StartsWith(SettingPrefix, StringComparison.Ordinal))
                .ToImmutableSortedDictionary(e => e.Key[SettingPrefix.Length..], e => e.Value, StringComparer.Ordinal));
    }

    /// <exception cref="ModelFormatException">The weights do not belong to the network.</exception>
    public void RequireWeightsOf(Network network, string path)
    {
        try
        {
            WeightValidation.Validate(network, Weights, nameof(Weights));
            WeightValidation.Validate(network, Average ?? Weights, nameof(Average));
            WeightValidation.Validate(network, Best ?? Weights, nameof(Best));
        }
        catch (ArgumentException exception)
        {
            throw new ModelFormatException(exception.Message, path, innerException: exception);
        }
    }

    /// <summary>Restores weights and optimizer state to a session.</summary>
    /// <exception cref="ModelFormatException">They do not fit the session.</exception>
    public void RestoreTo(ITrainingSession session, string path)
    {
        try
        {
            session.Restore(Weights, OptimizerState);
        }
        catch (ArgumentException exception)
        {
            throw new ModelFormatException($"the state does not fit the session: {exception.Message}", path, innerException: exception);
        }
    }

    private static StateDict Part(StateDict tensors, string prefix) => new(tensors
        .Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal))
        .Select(t => KeyValuePair.Create(t.Key[prefix.Length..], t.Value)));

    private static ImmutableArray<EpochRecord> ReadHistory(string json, string path)
    {
        try
        {
            EpochRecord?[] records = JsonSerializer.Deserialize(json, CheckpointJsonContext.Default.EpochRecordArray) ?? [];
            for (int i = 0; i < records.Length; i++)
            {
                if (records[i] is not { } record || record.Epoch != i + 1)
                {
                    throw new ModelFormatException(
                        $"record {i + 1} of the history is for epoch {records[i]?.Epoch}; expected {i + 1}", path);
                }
            }

            return records.Length > 0 ? [.. records!] : throw new ModelFormatException("the history is empty", path);
        }
        catch (JsonException exception)
        {
            throw new ModelFormatException($"the history is damaged: {exception.Message}", path, innerException: exception);
        }
    }
}
