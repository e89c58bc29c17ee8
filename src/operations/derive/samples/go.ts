import { doubleQuoted } from './quoting.ts';
import { sortedParameters } from './sample.ts';
import type { SampleCall, SampleLanguage } from './sample.ts';

/** The vendor's Go core and its request for any operation, signed with V1. */
export const go: SampleLanguage = {
  title: 'Go',
  fence: 'go',
  file: 'sample.go',
  needs: '`go get github.com/aliyun/alibaba-cloud-sdk-go/sdk`',
  run: 'go run sample.go',
  tested: false,
  write,
};

function write(call: SampleCall): string {
  const parameters = sortedParameters(call).map(
    ([name, value]) => `\trequest.QueryParams[${doubleQuoted(name)}] = ${doubleQuoted(value)}\n`,
  );
  return `package main

import (
	"fmt"
	"log"
	"net/url"
	"os"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
)

func newClient() (*sdk.Client, error) {
	id, secret := os.Getenv("SLUICE_ACCESS_KEY_ID"), os.Getenv("SLUICE_ACCESS_KEY_SECRET")
	if token := os.Getenv("SLUICE_SECURITY_TOKEN"); token != "" {
		return sdk.NewClientWithStsToken("cn-shanghai", id, secret, token)
	}
	return sdk.NewClientWithAccessKey("cn-shanghai", id, secret)
}

func main() {
	address := os.Getenv("SLUICE_ENDPOINT")
	if address == "" {
		address = ${doubleQuoted(call.endpoint)}
	}
	endpoint, err := url.Parse(address)
	if err != nil {
		log.Fatal(err)
	}
	client, err := newClient()
	if err != nil {
		log.Fatal(err)
	}

	request := requests.NewCommonRequest()
	request.Method = "POST"
	request.Scheme = endpoint.Scheme
	request.Domain = endpoint.Host
	request.Version = ${doubleQuoted(call.version)}
	request.ApiName = ${doubleQuoted(call.action)}
${parameters.join('')}	response, err := client.ProcessCommonRequest(request)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.GetHttpContentString())
}
`;
}
