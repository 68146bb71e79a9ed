namespace SimNet.Embeddings.Tests;

/// <summary>
/// A synthetic image of 23x17 pixels with chroma at half the width and height, coded in three ways with the same coefficients by cjpeg and
/// jpegtran (libjpeg-turbo 2.1.5), for machines without these programs.
/// </summary>
internal static class StoredJpegs
{
    /// <summary>Baseline, with optimized Huffman tables.</summary>
    public static readonly byte[] Sequential = Convert.FromBase64String(
            "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/"
            + "2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wAARCAARABcDASIAAhEBAxEB/8QA"
            + "GQABAAMBAQAAAAAAAAAAAAAAAAQFBgMH/8QAKhAAAQMDAgILAQAAAAAAAAAAAQACEQMEBRIhBlETMTI0NWFxcnOxwfD/xAAZAQACAwEAAAAAAAAAAAAAAAAD"
            + "BgECBAX/xAAsEQABAgQCBwkAAAAAAAAAAAABAgMABRIhBBETMTNRgaHBIiM0NVJxcrHw/9oADAMBAAIRAxEAPwDZZPO2vD9s5ukMbp0sjeXcjC88u6GR4rzO"
            + "sOJt3vEGdIMCJjZXDqdTOPaKzNDQZlxBJPJXVhSoY2xNQU2hrGEiRG/koQpuXDvjW+bUjUAevGKYl8F6lA7RtmL35xMweIsMBag1nM6RwHXvOyLP5PJ1su1t"
            + "Om11KnTmYcd/6ERUS11xNTyg2r02OW7lHVTJtKNJiFZKOu4jvb9g+w/ikP8ADD8X4ERYmfNFe8L0s2g+XQxS4zuz/QfaIiNPPHr4fUNOM2v7fH//2Q==");

    /// <summary>The ten default scans of cjpeg: successive approximation of all coefficients.</summary>
    public static readonly byte[] Progressive = Convert.FromBase64String(
            "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/"
            + "2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wgARCAARABcDASIAAhEBAxEB/8QA"
            + "GAABAAMBAAAAAAAAAAAAAAAAAAMEBQb/xAAYAQACAwAAAAAAAAAAAAAAAAACBQEDBP/aAAwDAQACEAMQAAAB2eduXYGZnj1ySFC6kDa//8QAGxAAAwACAwAA"
            + "AAAAAAAAAAAAAQIDAAQRMkP/2gAIAQEAAQUCpdddWFNq0JJBeDfEAmlKGuLnnPr/AP/EAB8RAAEDAwUAAAAAAAAAAAAAAAABAwQCIjIREiExgf/aAAgBAwEB"
            + "PwFyu/ROxIe65xeSNl6PZH//xAAeEQACAgEFAQAAAAAAAAAAAAABAgAEURESITIzNP/aAAgBAgEBPwEFa/fl8QVmYaudpxE+oy97mf/EABsQAAEEAwAAAAAA"
            + "AAAAAAAAAAABEBEhMWKB/9oACAEBAAY/AjUvJZMEJSI3G//EABsQAAMAAwEBAAAAAAAAAAAAAAABESExYXGB/9oACAEBAAE/IXRSKRel1cn4ZfVDYUxdMXIk"
            + "L0h9Bp8GW4//2gAMAwEAAgADAAAAEH/Awv/EABsRAAIDAQEBAAAAAAAAAAAAAAEhABEx8IGh/9oACAEDAQE/EBmiysN/ZTQLWJlzDOfZ/8QAHhEAAgEDBQAA"
            + "AAAAAAAAAAAAAAERIaGxMVFxgcH/2gAIAQIBAT8QU1T0hok/eyKDgONrFwYeD//EAB8QAAICAgEFAAAAAAAAAAAAAAERACExUfBhcaGxwf/aAAgBAQABPxBZ"
            + "GI29CovyIaLQoJqoHFEGbdQBJi2QJJ1DwAFkMK+kegRor4pl7/kz84E8ce5//9k=");

    /// <summary>Six scans, with a restart interval of three MCUs.</summary>
    public static readonly byte[] ProgressiveWithRestarts = Convert.FromBase64String(
            "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/"
            + "2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wgARCAARABcDASIAAhEBAxEB/8QA"
            + "GgABAAIDAQAAAAAAAAAAAAAAAAQFAgMGB//EABkBAAIDAQAAAAAAAAAAAAAAAAIFAQMEBv/dAAQAA//aAAwDAQACEAMQAAAA7Lzy4uoCY59a13yDFz3/0MgD"
            + "r//EABsQAAMBAQADAAAAAAAAAAAAAAMEBQIGMjQ1/9oACAEBAAEFAKd1Xn1mwUersw5CEBX/0NDJc2gIE1GnTNXz/9Ffw38yZ63/xAAeEAACAgICAwAAAAAA"
            + "AAAAAAAAAQIREmEicSOBgv/aAAgBAQAGPwFqqVUuy78bfRzayZ//0FmqWzLFUkKMU4xjs//R9HyM/8QAHhABAQACAgIDAAAAAAAAAAAAAREAITFRcfBhscH/"
            + "2gAIAQEABj8Qg4ju9GZKRxsMJZrBhDnd1n//0BGbUKvWIBaUm/jKCWLfsz//0Xz/ADH3wZ4n3n//xAAmEQABAwICCwAAAAAAAAAAAAABAAIDBRIhgREjMTQ1"
            + "UVJxobHB/9oACAECAQE/AGOjpw1xvnOFo2AH7mmU2WRt0zhG7pwOjl4UPFHd1//Qrm/vy9L/xAAlEQABAgQEBwAAAAAAAAAAAAABAAIDBAUhERITMyIxUXKh"
            + "wfD/2gAIAQMBAT8AmY4MbKwcRtiL38ptG1RqTDsHHncKmbg7vRX/0Jzd+6r/2Q==");

    /// <summary>SHA-256 of the 23x17x3 values from djpeg.</summary>
    public const string PixelsSha256 = "AADA20D0FFEFE3B814F909B5AEC31F7C3343A725A6428F1646E0BFD41969957A";
}
