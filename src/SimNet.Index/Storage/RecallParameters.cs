using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>A <see cref="RecallEstimate"/> as stored in a file: 32 bytes; all 0 if there is none.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 32)]
internal readonly record struct RecallParameters
{
    private readonly int _isMeasured;
    private readonly int _queries;
    private readonly int _neighbors;
    private readonly int _searchEffort;
    private readonly double _recall;
    private readonly double _standardError;

    public RecallParameters(RecallEstimate? estimate)
    {
        if (estimate is not null)
        {
            _isMeasured = 1;
            _queries = estimate.Queries;
            _neighbors = estimate.Neighbors;
            _searchEffort = estimate.SearchEffort;
            _recall = estimate.Recall;
            _standardError = estimate.StandardError;
        }
    }

    /// <summary>Reads the estimate from a file.</summary>
    /// <exception cref="IndexFormatException">A value is out of range.</exception>
    public static unsafe RecallEstimate? Read(IndexFileReader file)
    {
        RecallParameters parameters = *file.Items<RecallParameters>(IndexSection.Recall, 1);
        bool isSound = parameters._isMeasured == 1
            ? parameters._queries >= 0 && parameters._neighbors >= 0 && parameters._searchEffort >= 0
                && parameters._recall is >= 0 and <= 1 && parameters._standardError is >= 0 and <= 1
            : parameters == default;
        if (!isSound)
        {
            throw file.Invalid(
                IndexSection.Recall,
                $"recall {parameters._recall} with standard error {parameters._standardError} for {parameters._neighbors} neighbors of "
                + $"{parameters._queries} queries at effort {parameters._searchEffort}; expected 0 to 1 and at least 0");
        }

        return parameters._isMeasured == 0 ? null : new RecallEstimate
        {
            Recall = parameters._recall,
            StandardError = parameters._standardError,
            Queries = parameters._queries,
            Neighbors = parameters._neighbors,
            SearchEffort = parameters._searchEffort,
        };
    }
}
