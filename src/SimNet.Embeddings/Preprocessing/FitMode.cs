namespace SimNet.Embeddings;

/// <summary>How an image of another shape is brought to a network's width and height.</summary>
public enum FitMode
{
    /// <summary>Width and height are scaled each by its own factor; proportions change, nothing is lost.</summary>
    Stretch,

    /// <summary>The whole image, its proportions kept, in the middle of the background color.</summary>
    Pad,

    /// <summary>The largest part from the middle that has the right proportions; the rest is cut off.</summary>
    Crop,
}
