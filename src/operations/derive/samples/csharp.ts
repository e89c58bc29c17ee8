import { asciiQuoted } from './quoting.ts';
import { sortedParameters } from './sample.ts';
import type { SampleCall, SampleLanguage } from './sample.ts';

/** The vendor's .NET core and its request for any operation, signed with V1. */
export const csharp: SampleLanguage = {
  title: 'C#',
  fence: 'csharp',
  file: 'Program.cs',
  needs: '`dotnet add package aliyun-net-sdk-core`',
  run: 'dotnet run',
  tested: false,
  write,
};

function write(call: SampleCall): string {
  const parameters = sortedParameters(call).map(
    ([name, value]) => `request.AddQueryParameters(${asciiQuoted(name)}, ${asciiQuoted(value)});\n`,
  );
  return `using System;
using Aliyun.Acs.Core;
using Aliyun.Acs.Core.Http;
using Aliyun.Acs.Core.Profile;

var id = Environment.GetEnvironmentVariable("SLUICE_ACCESS_KEY_ID");
var secret = Environment.GetEnvironmentVariable("SLUICE_ACCESS_KEY_SECRET");
var token = Environment.GetEnvironmentVariable("SLUICE_SECURITY_TOKEN");
var profile = string.IsNullOrEmpty(token)
    ? DefaultProfile.GetProfile("cn-shanghai", id, secret)
    : DefaultProfile.GetProfile("cn-shanghai", id, secret, token);
var address = Environment.GetEnvironmentVariable("SLUICE_ENDPOINT");
var endpoint = new Uri(string.IsNullOrEmpty(address) ? ${asciiQuoted(call.endpoint)} : address);

var request = new CommonRequest();
request.Method = MethodType.POST;
request.Protocol = endpoint.Scheme == "https" ? ProtocolType.HTTPS : ProtocolType.HTTP;
request.Domain = endpoint.Authority;
request.Version = ${asciiQuoted(call.version)};
request.Action = ${asciiQuoted(call.action)};
${parameters.join('')}var response = new DefaultAcsClient(profile).GetCommonResponse(request);
Console.WriteLine(response.Data);
`;
}
