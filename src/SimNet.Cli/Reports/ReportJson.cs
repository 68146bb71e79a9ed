using System.Text.Json.Serialization;

namespace SimNet.Cli;

/// <summary>Serializes the results of the commands without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ClassifierTrainReport))]
[JsonSerializable(typeof(DemoSummary))]
[JsonSerializable(typeof(EvaluateReport))]
[JsonSerializable(typeof(ExportReport))]
[JsonSerializable(typeof(IndexReport))]
[JsonSerializable(typeof(InfoReport))]
[JsonSerializable(typeof(QueryReport))]
[JsonSerializable(typeof(TrainReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
