namespace SimNet.Embeddings;

/// <summary>Collects the blemishes of a file, which are errors under <see cref="DecodingTolerance.Strict"/>.</summary>
internal sealed class BlemishList(DecodingTolerance tolerance)
{
    /// <summary>A damaged file can have a blemish every few bytes.</summary>
    private const int Limit = 20;

    private readonly List<string> _sentences = [];

    /// <summary>Gets the sentences.</summary>
    public IReadOnlyList<string> Sentences => _sentences;

    /// <summary>Takes note of a blemish.</summary>
    /// <param name="problem">The blemish, as a sentence.</param>
    /// <param name="offset">The byte offset of the blemish.</param>
    /// <param name="consequence">What becomes of it, as another sentence; empty if it goes without saying.</param>
    /// <param name="cause">The cause of the error, if it is one.</param>
    /// <exception cref="ImageFormatException">No blemish is accepted.</exception>
    public void Add(string problem, long offset, string consequence = "", string cause = "damaged")
    {
        if (tolerance == DecodingTolerance.Strict)
        {
            throw new ImageFormatException(problem, offset) { Cause = cause };
        }

        if (_sentences.Count < Limit)
        {
            _sentences.Add(consequence.Length == 0 ? problem : $"{problem} {consequence}");
        }
        else if (_sentences.Count == Limit)
        {
            _sentences.Add("There are more blemishes.");
        }
    }
}
