namespace SimNet.Embeddings;

/// <summary>How an image of another aspect ratio is fitted to the width and height of a network's input.</summary>
public enum FitMode
{
    /// <summary>Scales width and height independently. The aspect ratio changes, and nothing is lost.</summary>
    Stretch,

    /// <summary>Keeps the aspect ratio and centers the whole image on the background color.</summary>
    Pad,

    /// <summary>Takes the largest centered part that has the target's aspect ratio, and drops the rest.</summary>
    Crop,
}
