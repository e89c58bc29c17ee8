import { asciiQuoted } from './quoting.ts';
import { sortedParameters } from './sample.ts';
import type { SampleCall, SampleLanguage } from './sample.ts';

/** The vendor's Java core and its request for any operation, signed with V1. */
export const java: SampleLanguage = {
  title: 'Java',
  fence: 'java',
  file: 'Sample.java',
  needs: 'the artifact `com.aliyun:aliyun-java-sdk-core`, with what it depends on, in `CLASSPATH`',
  run: 'java -cp "$CLASSPATH" Sample.java',
  tested: false,
  write,
};

function write(call: SampleCall): string {
  const parameters = sortedParameters(call).map(
    ([name, value]) => `        request.putQueryParameter(${asciiQuoted(name)}, ${asciiQuoted(value)});\n`,
  );
  return `import com.aliyuncs.CommonRequest;
import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.http.MethodType;
import com.aliyuncs.http.ProtocolType;
import com.aliyuncs.profile.DefaultProfile;
import java.net.URI;

public class Sample {
    public static void main(String[] args) throws Exception {
        String id = System.getenv("SLUICE_ACCESS_KEY_ID");
        String secret = System.getenv("SLUICE_ACCESS_KEY_SECRET");
        String token = System.getenv("SLUICE_SECURITY_TOKEN");
        DefaultProfile profile = token == null
            ? DefaultProfile.getProfile("cn-shanghai", id, secret)
            : DefaultProfile.getProfile("cn-shanghai", id, secret, token);
        URI endpoint = URI.create(System.getenv().getOrDefault("SLUICE_ENDPOINT", ${asciiQuoted(call.endpoint)}));

        CommonRequest request = new CommonRequest();
        request.setSysMethod(MethodType.POST);
        request.setSysProtocol("https".equals(endpoint.getScheme()) ? ProtocolType.HTTPS : ProtocolType.HTTP);
        request.setSysDomain(endpoint.getAuthority());
        request.setSysVersion(${asciiQuoted(call.version)});
        request.setSysAction(${asciiQuoted(call.action)});
${parameters.join('')}        System.out.println(new DefaultAcsClient(profile).getCommonResponse(request).getData());
    }
}
`;
}
